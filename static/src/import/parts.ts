// Files as people drop them: folders are opened, and the parts of a shapefile
// are packed into one .zip, so that an upload is one file.
import { Zip, ZipPassThrough } from 'fflate';

/** Endings of a shapefile's parts. */
const SHAPEFILE = /\.(shp|shx|dbf|prj|cpg|qpj|sbn|sbx|qix|cst|shp\.xml)$/i;

/** All files of what was dropped, those in folders too. */
export async function dropped(data: DataTransfer): Promise<File[]> {
  // Entries must be taken before the first wait: afterwards the list is empty.
  const entries = [...data.items].map((item) => item.webkitGetAsEntry());
  const files = [...data.files];
  if (!entries.some((entry) => entry?.isDirectory)) return files;
  return (await Promise.all(entries.map((entry) => (entry ? under(entry) : [])))).flat();
}

async function under(entry: FileSystemEntry): Promise<File[]> {
  if (entry.isFile) return [await new Promise<File>((done, failed) => (entry as FileSystemFileEntry).file(done, failed))];
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  const found: FileSystemEntry[] = [];
  for (;;) {
    // A reader gives a hundred entries at a time, and none at the end.
    const some = await new Promise<FileSystemEntry[]>((done, failed) => reader.readEntries(done, failed));
    if (!some.length) break;
    found.push(...some);
  }
  return (await Promise.all(found.filter(({ name }) => !name.startsWith('.')).map(under))).flat();
}

/** Puts the parts of shapefiles together; other files stay what they are. */
export async function together(files: readonly File[]): Promise<File[]> {
  const shapes = new Map<string, File[]>();
  const whole: File[] = [];
  for (const file of files) {
    if (!SHAPEFILE.test(file.name)) whole.push(file);
    else {
      const name = file.name.replace(SHAPEFILE, '');
      const key = name.toLowerCase();
      shapes.set(key, [...(shapes.get(key) ?? []), file]);
    }
  }
  const packed = await Promise.all([...shapes.values()].map((parts) => pack((parts[0] as File).name.replace(SHAPEFILE, ''), parts)));
  return [...whole, ...packed];
}

/**
 * One .zip of several files, not compressed. The same files give the same bytes
 * and date, so that an upload of them can be resumed.
 */
async function pack(name: string, parts: readonly File[]): Promise<File> {
  const chunks: BlobPart[] = [];
  const zip = new Zip((error, chunk) => {
    if (error) throw error;
    // As blobs, which the browser may keep on disk.
    chunks.push(new Blob([chunk as Uint8Array<ArrayBuffer>]));
  });
  const sorted = [...parts].sort((a, b) => (a.name < b.name ? -1 : 1));
  for (const part of sorted) {
    const entry = new ZipPassThrough(part.name);
    entry.mtime = new Date(part.lastModified);
    zip.add(entry);
    const reader = part.stream().getReader();
    for (let read = await reader.read(); !read.done; read = await reader.read()) entry.push(read.value);
    entry.push(new Uint8Array(), true);
  }
  zip.end();
  const lastModified = Math.max(...parts.map((part) => part.lastModified));
  return new File(chunks, `${name}.zip`, { type: 'application/zip', lastModified });
}
