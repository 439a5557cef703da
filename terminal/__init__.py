"""The device: screens, widgets, printing, hardware, enrolment and the local store. Holds no business rule."""
