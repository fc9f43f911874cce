// The page's data: gzip in base64 in script elements that are not scripts.

const PIECE = 1 << 20; // characters decoded at once; a multiple of 4

export const canUnpack = (): boolean => typeof DecompressionStream === "function";

/** The bytes of an element's data, unpacked piece by piece. `read` is told what part of it has been taken. */
export function unpack(id: string, read?: (part: number) => void): ReadableStream<Uint8Array<ArrayBuffer>> {
  const text = document.getElementById(id)?.textContent ?? "";
  let at = 0;
  const packed = new ReadableStream<Uint8Array<ArrayBuffer>>({
    pull(controller) {
      if (at >= text.length) return controller.close();
      const piece = atob(text.slice(at, at + PIECE));
      const bytes = new Uint8Array(piece.length);
      for (let i = 0; i < piece.length; ++i) bytes[i] = piece.charCodeAt(i);
      at += PIECE;
      read?.(Math.min(1, at / text.length));
      controller.enqueue(bytes);
    },
  });
  return packed.pipeThrough(new DecompressionStream("gzip"));
}

export async function readJson<T>(id: string, revive?: Parameters<typeof JSON.parse>[1]): Promise<T> {
  return JSON.parse(await new Response(unpack(id)).text(), revive) as T;
}

export async function readBlob(id: string): Promise<Blob> {
  return new Blob([await new Response(unpack(id)).arrayBuffer()], { type: "application/json" });
}
