/** RADIUS client (RFC 2865, 2866, 2869, 3579, 5080, 5176) without I/O. */
export {}
