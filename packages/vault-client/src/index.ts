/** Reads certificates of a key vault, ours or Azure's, with Azure's own clients. */
export {}
