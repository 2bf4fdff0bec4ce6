"""Who is this? Pure rules: handles and phones, evidence, the decision with its reasons, what merging would keep."""
