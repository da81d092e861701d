// What identity goes by: the household's section `reid`, and what the models' manifests say of their own scales.
import type { HouseholdRules, ModelThresholds } from "../reid/decision-settings.ts";
import type { TravelRules } from "../reid/whereabouts.ts";

export interface IdentitySettings {
  readonly rules: HouseholdRules;
  readonly models: { readonly face: ModelThresholds; readonly appearance: ModelThresholds };
  readonly travel: TravelRules;
  readonly keepPictures: boolean;
}
