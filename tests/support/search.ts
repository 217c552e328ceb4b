// Looks for words in every byte below a folder, in each form a program might have written them.
import { closeSync, openSync, readdirSync, readlinkSync, readSync, statSync } from 'node:fs';
import { join } from 'node:path';

const pieceBytes = 8 * 1024 * 1024;

/** The characters of base64 that depend on the word alone, wherever it begins. */
const base64Forms = (word: string): string[] =>
  [0, 1, 2].map((shift) => {
    const bytes = Buffer.concat([Buffer.alloc(shift), Buffer.from(word)]);
    const skipped = Math.ceil((shift * 8) / 6);
    return bytes.toString('base64').slice(skipped, Math.floor((bytes.length * 8) / 6));
  });

/** Every form of a word: as it is, capitals, UTF-16 of both orders, hexadecimal, base64. */
export const formsOf = (word: string): Buffer[] => {
  const little = Buffer.from(word, 'utf16le');
  const hex = Buffer.from(word).toString('hex');
  const base64 = base64Forms(word);
  const texts = [word, word.toUpperCase(), hex, hex.toUpperCase(), ...base64];
  for (const form of base64) texts.push(form.replaceAll('+', '-').replaceAll('/', '_'));
  const unique = [...new Set(texts)].map((text) => Buffer.from(text));
  return [...unique, little, Buffer.from(little).swap16()];
};

const filesBelow = (folder: string): string[] => {
  const found: string[] = [];
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) found.push(...filesBelow(path));
    else if (entry.isFile()) found.push(path);
  }
  return found;
};

/** Regular files a process holds open, also those that have no name any more. */
export const openFilesOf = (pid: number): string[] => {
  const folder = `/proc/${pid}/fd`;
  return readdirSync(folder).map((name) => join(folder, name)).filter((path) => {
    try {
      return readlinkSync(path).startsWith('/') && statSync(path).isFile();
    } catch {
      return false;
    }
  });
};

/** Which four bytes any form begins with, as bits at a hash of them. */
const headBits = 20;
const hashOf = (head: number): number => Math.imul(head, 0x9e3779b1) >>> (32 - headBits);

/** Where any form of the words stands: "file at offset: …". Every byte is looked at once, however
 * many words there are. */
export class Search {
  private readonly formsByHead = new Map<number, Buffer[]>();
  private readonly heads = new Uint8Array(1 << headBits);
  private readonly overlap: number;
  private readonly piece: Buffer;
  /** How much was read, so that a search of nothing is seen. */
  bytes = 0;
  files = 0;

  constructor(words: readonly string[]) {
    const forms = words.flatMap(formsOf);
    for (const form of forms) {
      if (form.length < 4) throw new Error(`too short to be looked for: ${form.toString()}`);
      const head = form.readInt32BE(0);
      this.heads[hashOf(head)] = 1;
      this.formsByHead.set(head, [...this.formsByHead.get(head) ?? [], form]);
    }
    this.overlap = Math.max(...forms.map((form) => form.length));
    this.piece = Buffer.alloc(pieceBytes + this.overlap);
  }

  inBytes(bytes: Buffer, name: string): string[] {
    const found = new Map<Buffer, number>();
    let head = 0;
    for (let i = 0; i < bytes.length; ++i) {
      head = (head << 8) | (bytes[i] as number);
      if (i < 3 || this.heads[hashOf(head)] === 0) continue;
      for (const form of this.formsByHead.get(head) ?? []) {
        const at = i - 3;
        if (!found.has(form) && bytes.subarray(at, at + form.length).equals(form))
          found.set(form, at);
      }
    }
    return [...found.values()].map((at) => {
      const near = bytes.subarray(Math.max(0, at - 40), at + 80).toString('latin1');
      return `${name} at ${at}: ${JSON.stringify(near)}`;
    });
  }

  inFile(path: string): string[] {
    let file: number;
    try {
      file = openSync(path, 'r');
    } catch {
      return [];
    }
    const found: string[] = [];
    const { piece } = this;
    let kept = 0;
    ++this.files;
    try {
      for (;;) {
        const read = readSync(file, piece, kept, pieceBytes, null);
        if (read === 0) break;
        this.bytes += read;
        const end = kept + read;
        found.push(...this.inBytes(piece.subarray(0, end), path));
        kept = Math.min(this.overlap, end);
        piece.copyWithin(0, end - kept, end);
      }
    } finally {
      closeSync(file);
    }
    return found;
  }

  inFolder(folder: string): string[] {
    return filesBelow(folder).flatMap((path) => this.inFile(path));
  }
}

