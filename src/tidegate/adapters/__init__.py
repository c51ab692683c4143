"""What touches the world for the core: the disk, issuers, the operator. Each file is one border."""
