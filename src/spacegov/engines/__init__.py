"""The engines that reason, validate and answer, each behind one function."""
