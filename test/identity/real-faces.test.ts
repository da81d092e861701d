// Real pictures of real faces through the real models, service and database.
import { describe, expect, it } from "vitest";
import { randomNumbers } from "../../src/bench/random-numbers.ts";
import { FaceViewer, findFacePictures } from "../../src/cli/identity/face-pictures.ts";
import { CAMERA_IDS, type Look, liveThrough } from "../../src/cli/identity/live-through.ts";
import { loadConfig } from "../../src/config/load-config.ts";
import { silentLogger } from "../../src/core/logger.ts";
import {
  type PersonSample,
  randomStream,
  scoreIdentities,
} from "../../src/evaluation/identity-evaluation.ts";
import { measuringFootage, WITH_FOOTAGE } from "../support/measuring-footage.ts";

const FOLDER = measuringFootage("face", "orl");
const PEOPLE = 5;
const PICTURES = 6;

describe.skipIf(FOLDER === null)(`one person, one entry (${WITH_FOOTAGE})`, () => {
  it("makes five entries of five people who come in random order, and never joins or switches two", async () => {
    const { signal } = new AbortController();
    const config = loadConfig("", { file: "haven.yaml", env: {} });
    const all = await findFacePictures(FOLDER ?? "");
    const people = [...new Set(all.map(({ personId }) => personId))].slice(0, PEOPLE);
    const pictures = people.flatMap((id) => all.filter(({ personId }) => personId === id).slice(0, PICTURES));
    const { faceDetector: detector, faceModel: model, minFacePx, minReferenceFacePx } = config.reid;
    const limits = { minFacePx, minReferenceFacePx };
    await using viewer = await FaceViewer.open({ detector, model, limits }, silentLogger, signal);
    const samples: PersonSample<Look>[] = [];
    for (const { personId, file } of pictures) {
      const face = await viewer.faceIn(file);
      const quality = face?.quality ?? 0;
      if (face !== null)
        samples.push({ truePerson: personId, sample: { face, appearance: null, facing: "front", quality } });
    }
    expect(samples).toHaveLength(PEOPLE * PICTURES);
    const models = { faceId: model, face: viewer.thresholds, appearance: {} };
    for (const seed of [1, 2, 3]) {
      const stream = randomStream(samples, {
        samplesPerTracklet: 2,
        cameraIds: CAMERA_IDS,
        pauseS: [20, 400],
        random: randomNumbers(seed),
      });
      const { told } = await liveThrough(stream, { config, models, heightPx: 256, signal });
      expect(scoreIdentities(told, seed)).toMatchObject({
        persons_true: PEOPLE,
        persons_made: PEOPLE,
        id_switches: 0,
        false_merges: 0,
      });
    }
  }, 120_000);
});
