//! A real `mongod`, started and stopped in all the ways there are.
