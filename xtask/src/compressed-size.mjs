// Prints the raw, gzip and brotli size of a file in bytes: what a server with the strongest settings would send.
import { readFileSync } from "node:fs";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

const bytes = readFileSync(process.argv[1]);
const gzip = gzipSync(bytes, { level: 9 });
const brotli = brotliCompressSync(bytes, {
  params: {
    [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY,
    [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length,
  },
});
console.log(bytes.length, gzip.length, brotli.length);
