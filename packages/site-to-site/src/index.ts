/** The life of a site-to-site connection. */
export {}
