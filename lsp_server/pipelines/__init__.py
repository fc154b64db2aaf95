"""One pipeline for each thing that is asked of a model; none knows LSP, threads or disks."""
