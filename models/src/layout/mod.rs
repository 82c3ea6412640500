//! Layout: page image in, regions out.
