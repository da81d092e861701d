// What a decision goes by: the household's settings, and the models' own thresholds where the household gives none.

/** off: not looked at. tie_break: may make up half of a margin that the face lacks, never more. full: as the specification has it. */
export type GaitMode = "off" | "tie_break" | "full";

export interface DecisionSettings {
  /** null: switched off. */
  readonly face: {
    readonly accept: number;
    readonly margin: number;
    /** Below `accept` by no more than this somebody may still be who they look like, badly seen. */
    readonly band: number;
  } | null;
  readonly gait: { readonly mode: GaitMode; readonly accept: number; readonly margin: number };
  /** null: switched off. All on the scale of the model. */
  readonly appearance: {
    /** From here on clothes speak for somebody. */
    readonly supports: number;
    /** From here on clothes alone make somebody tentatively who they look like. */
    readonly alone: number;
    readonly margin: number;
    /** Below this, clothes speak against somebody who was seen within the hour, and nobody is near. */
    readonly contradicts: number;
  } | null;
  readonly unknownBelow: number;
  /** Evidence of a lower quality decides nothing. */
  readonly minQuality: number;
  readonly minFrames: number;
  /** Pixels a body must be high for clothes and gait to count. */
  readonly minHeightPx: number;
}

/** The household's, in part: section `reid` of the configuration. */
export interface HouseholdRules {
  readonly face: boolean;
  readonly gait: boolean;
  readonly appearance: boolean;
  readonly faceThreshold?: number | undefined;
  readonly faceMargin?: number | undefined;
  readonly gaitThreshold: number;
  readonly appearanceThreshold: number;
  readonly appearanceAlone?: number | undefined;
  readonly unknownBelow: number;
  readonly trackletFrames: number;
  readonly minHeightPx: number;
}

/** Of a model's manifest. */
export interface ModelThresholds {
  readonly accept?: number | undefined;
  readonly margin?: number | undefined;
}

/**
 * SFace's, for a model that says nothing. OpenCV's own example takes .363 for pairs of faces; against ten people with three
 * pictures each, 8 of 1000 strangers are as like as .42 to one of them and none as .48, and 996 of 1000 of those who are known.
 */
const USUAL_FACE = { accept: 0.48, margin: 0.08 };
/** The specification's figure for clothes alone, for a model that says nothing. */
const USUAL_ALONE = 0.8;
const USUAL_APPEARANCE_MARGIN = 0.15;
/** The specification's "low quality everywhere". */
const MIN_QUALITY = 0.5;
/**
 * Share of the face's threshold that a bad angle may cost: .48 to .34 for SFace. Below that are 7 in 1000 single pictures of people
 * who are known by one picture, none of those known by three, and 90 to 96 % of strangers.
 */
const BAND_SHARE = 0.3;
/**
 * The specification's .4 for clothes that contradict, where .6 is enough alone. Of five people, each seen again in another camera
 * in the same clothes, 5 in 100 are less like themselves than that, and a quarter of strangers are.
 */
const CONTRADICTS_SHARE = 2 / 3;
const GAIT_MARGIN = 0.1;

/**
 * `raisedAlone` is the higher of what the site's own people who are seen at the same time have taught (`siteThreshold`) and of
 * how little the camera knows its light (`unsettledThreshold`); it only makes clothes harder to go by, never easier.
 */
export function decisionSettings(
  rules: HouseholdRules,
  models: { readonly face: ModelThresholds; readonly appearance: ModelThresholds },
  raisedAlone = 0,
): DecisionSettings {
  const accept = rules.faceThreshold ?? models.face.accept ?? USUAL_FACE.accept;
  const ownAlone = rules.appearanceAlone ?? models.appearance.accept ?? USUAL_ALONE;
  const alone = Math.max(ownAlone, Number.isFinite(raisedAlone) ? raisedAlone : 1);
  return {
    face: rules.face
      ? {
          accept,
          margin: rules.faceMargin ?? models.face.margin ?? USUAL_FACE.margin,
          band: accept * BAND_SHARE,
        }
      : null,
    gait: { mode: rules.gait ? "tie_break" : "off", accept: rules.gaitThreshold, margin: GAIT_MARGIN },
    appearance: rules.appearance
      ? {
          supports: Math.min(rules.appearanceThreshold, ownAlone),
          alone,
          margin: models.appearance.margin ?? USUAL_APPEARANCE_MARGIN,
          contradicts: ownAlone * CONTRADICTS_SHARE,
        }
      : null,
    unknownBelow: rules.unknownBelow,
    minQuality: MIN_QUALITY,
    minFrames: rules.trackletFrames,
    minHeightPx: rules.minHeightPx,
  };
}
