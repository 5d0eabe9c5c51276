"""What `make bench` measures, one file per subject; each has `measure`, which returns figures."""
