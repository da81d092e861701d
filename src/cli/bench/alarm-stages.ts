// Where the time of an alarm goes inside the daemon, looked at from outside: the methods an alarm passes are wrapped, in the
// daemon of the benchmark only, so that the product itself carries no stopwatches.
import { AdlEngine } from "../../adl/adl-engine.ts";
import { machineTime } from "../../bench/scripted-life.ts";
import { EventRecorder } from "../../history/event-recorder.ts";
import { HavenMqtt } from "../../mqtt/haven-mqtt.ts";
import { OutboxRepository } from "../../store/outbox-repository.ts";

/** One alarm's way through the daemon, milliseconds of the machine's monotonic clock. */
export interface AlarmTrace {
  readonly eventId: string;
  /** When vision sent the frame that confirms. */
  readonly frameAt: number;
  readonly arrivedAt: number;
  /** The fall machine has decided. */
  readonly decidedAt: number;
  /** Event, alarm and messages are on the disk, and everybody in the daemon has been told. */
  readonly recordedAt: number;
  /** The outbox's turn: it begins to note that it sends. */
  readonly takenAt: number;
  /** That is on the disk too, and the message is handed to the connection. */
  readonly sentAt: number;
  /** The broker has confirmed. */
  readonly confirmedAt: number;
}

interface Decision {
  readonly frameAt: number;
  readonly arrivedAt: number;
  readonly decidedAt: number;
}

type Recorded = Decision & { readonly recordedAt: number };

/** Calls `onTrace` with every fall that was confirmed and told, from now on and for good. */
export function traceAlarms(onTrace: (trace: AlarmTrace) => void): void {
  /** Of the frame that is being dealt with: from its arrival to the record all is one call. */
  let deciding: Decision | null = null;
  const recorded = new Map<string, Recorded>();
  let takenAt = 0;

  const { observe } = AdlEngine.prototype;
  AdlEngine.prototype.observe = function (observation) {
    const arrivedAt = machineTime();
    const result = observe.call(this, observation);
    const frameAt = observation.stamp.mediaTimeS * 1000;
    deciding = { frameAt, arrivedAt, decidedAt: machineTime() };
    return result;
  };

  const { record } = EventRecorder.prototype;
  EventRecorder.prototype.record = function (draft) {
    const event = record.call(this, draft);
    if (event.kind === "fall_confirmed" && deciding !== null)
      recorded.set(event.eventId, { ...deciding, recordedAt: machineTime() });
    return event;
  };

  const { setAttempts } = OutboxRepository.prototype;
  OutboxRepository.prototype.setAttempts = function (outboxId, attempts) {
    takenAt = machineTime();
    setAttempts.call(this, outboxId, attempts);
  };

  const { sendEvent } = HavenMqtt.prototype;
  HavenMqtt.prototype.sendEvent = async function (event, delivery) {
    const sentAt = machineTime();
    // The outbox sends one message at a time.
    const taken = takenAt;
    await sendEvent.call(this, event, delivery);
    const before = recorded.get(event.eventId);
    recorded.delete(event.eventId);
    if (before !== undefined)
      onTrace({ eventId: event.eventId, ...before, takenAt: taken, sentAt, confirmedAt: machineTime() });
  };
}
