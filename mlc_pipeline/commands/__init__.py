"""What the commands of `mlc` do; `mlc_pipeline.cli` reads the command line and prints."""
