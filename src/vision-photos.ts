// What the vision process answers about photos: one after the other, since each is up to 150 MB of pixels while it is looked at.
import { AppError } from "./core/errors.ts";
import type { RgbImage } from "./domain/frame.ts";
import type { PhotoDescription } from "./domain/tracklet.ts";
import { decodeStill } from "./video/decode-still.ts";
import type { FaceDescriber } from "./vision/face-describer.ts";
import type { PersonDetector } from "./vision/person-detector.ts";
import { describePhoto } from "./vision/photo-faces.ts";

export interface PhotoReaderParts {
  /** Null where faces are not looked at, or their models cannot be used. */
  readonly faces: FaceDescriber | null;
  /** Finds people, whose heads are looked at closely. */
  readonly people: PersonDetector;
  readonly toJpeg: (image: RgbImage) => Promise<Uint8Array>;
}

/** Gives the faces in a photo file. It throws AppError `input.invalid` for what is no photo, and where faces are not looked at. */
export function photoReader(parts: PhotoReaderParts): (photo: Uint8Array) => Promise<PhotoDescription> {
  const { faces, people, toJpeg } = parts;
  const look = async (photo: Uint8Array): Promise<PhotoDescription> => {
    if (faces === null)
      throw new AppError(
        "input.invalid",
        "Faces are not looked at: switch on telling people apart by their faces (reid.face), or see what is wrong with its model.",
      );
    using frame = await decodeStill(photo);
    return await describePhoto(frame, { describer: faces, people, encode: toJpeg });
  };
  let last: Promise<unknown> = Promise.resolve();
  return (photo) => {
    const mine = last.then(() => look(photo));
    last = mine.catch(() => undefined);
    return mine;
  };
}
