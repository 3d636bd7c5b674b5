//! tenantry

fn main() {}
