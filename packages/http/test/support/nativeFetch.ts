/**
 * Imported before undici: the first of the two that is loaded, the runtime's own copy or the package, provides the
 * connections of `fetch`. A program that has fetch alone has the runtime's own, and so must the tests of it.
 */

// The runtime loads its copy when one of its classes is asked for.
if (typeof globalThis.Request !== "function") throw new Error("there is no fetch")
