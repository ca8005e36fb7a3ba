// Components that differ in their code, so that nothing which is kept per component can be shared by accident: http-hello
// with a number in the place of a name of the same length. Works in Node and in browsers.

const name = "Trellis!";
const encoder = new TextEncoder();

/** Makes the bytes of variants of http-hello by their number. */
export function variants(hello) {
  const at = indexOf(hello, encoder.encode(name));
  return (number) => {
    const bytes = hello.slice();
    bytes.set(encoder.encode(digits(number)), at);
    return bytes;
  };
}

/** What variant `number` answers. */
export function answerOf(number) {
  return `Hello from ${digits(number)}\n`;
}

function digits(number) {
  return String(number).padStart(name.length, "0");
}

function indexOf(bytes, part) {
  const at = bytes.findIndex((_, start) => part.every((byte, i) => bytes[start + i] === byte));
  if (at === -1) throw new Error(`the component does not name ${name}`);
  return at;
}
