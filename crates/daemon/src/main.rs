//! tenantryd

fn main() {}
