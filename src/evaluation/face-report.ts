// What is told of an evaluation of faces, and how it is written for people.
import type { OpenSetEvaluation, PairEvaluation } from "./face-evaluation.ts";
import { textTable } from "./text-table.ts";

/** A picture that was taken for somebody else, or for nobody although it is of somebody enrolled. */
export interface NamedFace {
  readonly picture: string;
  readonly person: string;
  readonly enrolled: boolean;
  readonly named: string | null;
}

export interface FaceReport extends PairEvaluation {
  readonly model: string;
  readonly pictures: number;
  /** In which no face was found. */
  readonly without_face: readonly string[];
  readonly open_set:
    | (OpenSetEvaluation & {
        readonly people: number;
        readonly enrolled_with: number;
        readonly seed: number;
        readonly splits: number;
        readonly accept: number | null;
        readonly margin: number | null;
        readonly wrong: readonly NamedFace[];
      })
    | null;
  /** Pictures of strangers that were given a name, and the share of those of enrolled people that were given theirs. */
  readonly strangers_named: number | null;
  readonly enrolled_named: number | null;
}

export function formatFaceReport(report: FaceReport): string {
  const { pairs, same, auc, tar_at_far, best_threshold, open_set, without_face } = report;
  const lines = [
    `${report.pictures} pictures with ${report.model}, ${without_face.length} of them without a face that was found`,
    "",
    ...textTable([
      ["pairs", "of the same", "AUC", "TAR at FAR 10 %", "1 %", ".1 %", "best threshold"],
      [
        String(pairs),
        String(same),
        auc === null ? "-" : auc.toFixed(4),
        percent(tar_at_far["0.1"]),
        percent(tar_at_far["0.01"]),
        percent(tar_at_far["0.001"]),
        best_threshold === null ? "-" : best_threshold.toFixed(3),
      ],
    ]),
  ];
  if (open_set !== null) {
    lines.push(
      "",
      `open set: of ${open_set.people} people half are enrolled with ${open_set.enrolled_with} pictures each, ${open_set.splits} divisions from seed ${open_set.seed}; accepted from ${open_set.accept} with a margin of ${open_set.margin}`,
      `  enrolled people's pictures: ${open_set.of_enrolled}, named ${percent(open_set.enrolled_named)}, as somebody else ${open_set.enrolled_confused}`,
      `  strangers' pictures: ${open_set.of_strangers}, named ${open_set.strangers_named}`,
      ...open_set.wrong.map(
        ({ picture, enrolled, named }) =>
          `  ${picture}: ${enrolled ? "enrolled" : "a stranger"}, ${named === null ? "not named" : `named ${named}`}`,
      ),
    );
  }
  lines.push(...without_face.map((file) => `  ${file}: no face found`));
  return `${lines.join("\n")}\n`;
}

function percent(share: number | null): string {
  return share === null ? "-" : `${(share * 100).toFixed(1)} %`;
}
