"""Where rows are touched: frames in, counts out."""
