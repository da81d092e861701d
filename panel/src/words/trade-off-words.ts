// What a falling speed finds and what it invents, between the values at which it was measured.
import type { SensitivityJson, TradeOffRowJson } from "../../../src/api/care-contract.ts";

/** The measured row, or a straight line between the two beside it; null outside of what was measured. */
export function tradeOffAt(rows: readonly TradeOffRowJson[], speed: number): TradeOffRowJson | null {
  const above = rows.findIndex((row) => row.fall_speed >= speed - 1e-9);
  const upper = rows[above];
  if (upper === undefined) return null;
  if (Math.abs(upper.fall_speed - speed) < 1e-9) return upper;
  const lower = rows[above - 1];
  if (lower === undefined) return null;
  const share = (speed - lower.fall_speed) / (upper.fall_speed - lower.fall_speed);
  const between = (key: keyof TradeOffRowJson) => lower[key] + share * (upper[key] - lower[key]);
  return {
    fall_speed: speed,
    detected_share: between("detected_share"),
    noticed_share: between("noticed_share"),
    false_alarms: between("false_alarms"),
  };
}

/** "Finds 98 of 100 falls as falls, 100 of 100 at least as somebody on the floor. 0.6 false alarms in 45 recordings without a fall." */
export function tradeOffSentence({ rows, clips_without: clips }: SensitivityJson, speed: number): string {
  const row = tradeOffAt(rows, speed);
  if (row === null) return "This value has not been measured.";
  const of100 = (share: number) => `${Math.round(share * 100)} of 100`;
  const wrong = row.false_alarms < 0.05 ? "No" : String(Math.round(row.false_alarms * 10) / 10);
  return (
    `Finds ${of100(row.detected_share)} falls as falls, ${of100(row.noticed_share)} at least as somebody on the floor. ` +
    `${wrong} false ${wrong === "1" ? "alarm" : "alarms"} in ${clips} recordings without a fall.`
  );
}
