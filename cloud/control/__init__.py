"""The control plane: who exists and who may enter, known before the tenant is."""
