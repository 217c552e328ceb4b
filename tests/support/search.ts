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

/** Where any form of the words stands: "file at offset: …". */
export class Search {
  private readonly forms: { word: string; form: Buffer }[];
  private readonly overlap: number;
  /** How much was read, so that a search of nothing is seen. */
  bytes = 0;
  files = 0;

  constructor(words: readonly string[]) {
    this.forms = words.flatMap((word) => formsOf(word).map((form) => ({ word, form })));
    this.overlap = Math.max(...this.forms.map(({ form }) => form.length));
  }

  inBytes(bytes: Buffer, name: string): string[] {
    const found: string[] = [];
    for (const { form } of this.forms) {
      const at = bytes.indexOf(form);
      if (at < 0) continue;
      const near = bytes.subarray(Math.max(0, at - 40), at + 80).toString('latin1');
      found.push(`${name} at ${at}: ${JSON.stringify(near)}`);
    }
    return found;
  }

  inFile(path: string): string[] {
    let file: number;
    try {
      file = openSync(path, 'r');
    } catch {
      return [];
    }
    const found: string[] = [];
    const piece = Buffer.alloc(pieceBytes + this.overlap);
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

