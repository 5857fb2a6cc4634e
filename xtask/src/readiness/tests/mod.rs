mod captured;
mod crashes;
mod kinds;
mod objects;
mod parts;
mod pods;
