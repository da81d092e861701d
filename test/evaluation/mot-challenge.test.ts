import { describe, expect, it } from "vitest";
import { isAppError } from "../../src/core/errors.ts";
import {
  parseDetections,
  parseGroundTruth,
  parseSequenceInfo,
  parseTracks,
} from "../../src/evaluation/mot-challenge.ts";

/** The error's sentence, or "none". */
function refusal(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    return isAppError(error, "input.invalid") ? error.message : "something else";
  }
  return "none";
}

describe("ground truth", () => {
  it("of MOT15 counts every row", () => {
    const truth = parseGroundTruth(
      "1,3,10,20,30,60,1,-4.1,-7.3,0\n1,4,50,20,30,60,0,-1,-1,-1\n2,3,11,20,30,60,1,-1,-1,-1\n",
      "gt.txt",
    );
    expect([...truth.keys()]).toEqual([1, 2]);
    expect(truth.get(1)).toEqual([
      { id: 3, left: 10, top: 20, width: 30, height: 60 },
      { id: 4, left: 50, top: 20, width: 30, height: 60 },
    ]);
  });

  it("of MOT16 and later counts pedestrians whose rows count", () => {
    const rows = ["1,1,10,20,30,60,1,1,.8", "1,2,10,20,30,60,0,1,1", "1,3,10,20,30,60,1,7,1"];
    const truth = parseGroundTruth(rows.join("\n"), "gt.txt");
    expect(truth.get(1)?.map(({ id }) => id)).toEqual([1]);
  });
});

describe("detections", () => {
  it("may come in any order, with blank lines, spaces and a byte order mark", () => {
    const found = parseDetections(
      "\uFEFF7,-1, 1.5,2,3,4,.9\r\n\r\n2,-1,1,2,3,4,0.05\r\n7,-1,9,2,3,4,1",
      "det.txt",
    );
    expect(found.get(2)).toEqual([{ left: 1, top: 2, width: 3, height: 4, confidence: 0.05 }]);
    expect(found.get(7)?.map(({ confidence }) => confidence)).toEqual([0.9, 1]);
  });
});

describe("seqinfo.ini", () => {
  const INI =
    "[Sequence]\nname=TUD-Campus\nframeRate=25\nseqLength=71\nimWidth=640\nimHeight=480\nimExt=.jpg\n";

  it("tells rate, length and size", () => {
    expect(parseSequenceInfo(INI.replaceAll("\n", "\r\n"), "seqinfo.ini")).toEqual({
      name: "TUD-Campus",
      fps: 25,
      frames: 71,
      width: 640,
      height: 480,
    });
  });

  it("is refused by key when it does not", () => {
    expect(refusal(() => parseSequenceInfo(INI.replace("frameRate=25\n", ""), "a/seqinfo.ini"))).toMatch(
      /^a\/seqinfo\.ini: frameRate is missing/,
    );
    expect(refusal(() => parseSequenceInfo(INI.replace("=71", "=many"), "s.ini"))).toMatch(
      /seqLength is many/,
    );
    expect(refusal(() => parseSequenceInfo(INI.replace("=71", "=1e9"), "s.ini"))).toMatch(/seqLength is 1e9/);
  });
});

describe("a file that is something else", () => {
  it.each([
    ["a letter", "Dear evaluator,\nI am no tracker.", /^t\.txt:1: 2 columns .* 6 or more/],
    ["a word in a row", "1,1,1,1,5,5\n2,1,one,1,5,5", /^t\.txt:2: column 3 is not a number/],
    ["an empty cell", "1,1,1,,5,5", /^t\.txt:1: column 4 is not a number/],
    ["infinity", "1,1,1,1,Infinity,5", /^t\.txt:1: column 5 is not a number/],
    ["a row cut short", "1,1,1,1,5,5,1\n2,1,1,1,5,5", /^t\.txt:2: 6 columns, but the lines before have 7/],
    ["frame 0", "0,1,1,1,5,5", /^t\.txt:1: the frame is 0/],
    ["half a frame", "1.5,1,1,1,5,5", /^t\.txt:1: the frame is 1\.5/],
    ["a frame of the far future", "99999999999,1,1,1,5,5", /^t\.txt:1: the frame is 99999999999/],
    ["a box without area", "1,1,1,1,0,5", /^t\.txt:1: the box is 0 x 5/],
    ["a box larger than any picture", "1,1,1e300,1,5,5", /^t\.txt:1: the box is not in pixels/],
    ["half an id", "1,1.5,1,1,5,5", /^t\.txt:1: the id is 1\.5/],
    [
      "an id twice in a frame",
      "1,1,1,1,5,5\n2,1,1,1,5,5\n1,1,9,1,5,5",
      /^t\.txt:3: id 1 .* frame 1 already \(line 1\)/,
    ],
  ])("%s is told with file and line", (_, text, sentence) => {
    expect(refusal(() => parseTracks(text, "t.txt"))).toMatch(sentence);
  });

  it("may be empty: nothing was found", () => {
    expect(parseTracks("\n", "t.txt").size).toBe(0);
    expect(parseTracks("", "t.txt").size).toBe(0);
  });
});
