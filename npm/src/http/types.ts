/**
 * The types of `wrpc:http@0.1.0` in the form of an inspection's table, for the codec. Order is encoding order.
 * Facts: the lattice protocol 1.x, section 8.3.
 */

import type { Codec } from "../codec/codec.js";
import { Codecs } from "../codec/types.js";
import type { CaseInfo, TypeInfo } from "../inspection.js";

const types: TypeInfo[] = [];
const define = (type: TypeInfo): number => types.push(type) - 1;
const optional = (some: number): number => define({ kind: "option", some });
const record = (fields: Record<string, number>): number =>
  define({ kind: "record", name: null, fields: Object.entries(fields).map(([name, type]) => ({ name, type })) });

const u8 = define({ kind: "u8" });
const u16 = define({ kind: "u16" });
const u32 = define({ kind: "u32" });
const u64 = define({ kind: "u64" });
const text = optional(define({ kind: "string" }));
const size32 = optional(u32);
const size64 = optional(u64);
const fieldSize = record({ "field-name": text, "field-size": size32 });

const errorCodeCases: [name: string, payload?: number][] = [
  ["DNS-timeout"],
  ["DNS-error", record({ rcode: text, "info-code": optional(u16) })],
  ["destination-not-found"],
  ["destination-unavailable"],
  ["destination-IP-prohibited"],
  ["destination-IP-unroutable"],
  ["connection-refused"],
  ["connection-terminated"],
  ["connection-timeout"],
  ["connection-read-timeout"],
  ["connection-write-timeout"],
  ["connection-limit-reached"],
  ["TLS-protocol-error"],
  ["TLS-certificate-error"],
  ["TLS-alert-received", record({ "alert-id": optional(u8), "alert-message": text })],
  ["HTTP-request-denied"],
  ["HTTP-request-length-required"],
  ["HTTP-request-body-size", size64],
  ["HTTP-request-method-invalid"],
  ["HTTP-request-URI-invalid"],
  ["HTTP-request-URI-too-long"],
  ["HTTP-request-header-section-size", size32],
  ["HTTP-request-header-size", optional(fieldSize)],
  ["HTTP-request-trailer-section-size", size32],
  ["HTTP-request-trailer-size", fieldSize],
  ["HTTP-response-incomplete"],
  ["HTTP-response-header-section-size", size32],
  ["HTTP-response-header-size", fieldSize],
  ["HTTP-response-body-size", size64],
  ["HTTP-response-trailer-section-size", size32],
  ["HTTP-response-trailer-size", fieldSize],
  ["HTTP-response-transfer-coding", text],
  ["HTTP-response-content-coding", text],
  ["HTTP-response-timeout"],
  ["HTTP-upgrade-failed"],
  ["HTTP-protocol-error"],
  ["loop-detected"],
  ["configuration-error"],
  ["internal-error", text],
];

const cases: CaseInfo[] = errorCodeCases.map(([name, type]) => ({ name, type: type ?? null }));
const errorCodeType = define({ kind: "variant", name: "error-code", cases });

/** `error-code` */
export const errorCode: Codec = new Codecs(types).codec(errorCodeType);
