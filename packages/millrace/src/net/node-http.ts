/**
 * Node's HTTP server. An `import` of `node:http` reads every name that the module exports, and three of them make Node
 * load its whole HTTP client (undici): 60 ms of CPU and 6 MB at the start of each thread, for what no server uses.
 */
export const { createServer } = process.getBuiltinModule('node:http');
