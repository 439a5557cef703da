"""The device: screens, widgets, printing, enrolment and the local store. Holds no business rule."""
