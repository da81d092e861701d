// Loaded by the daemon of a trial before anything else of it: where HAVEN_CHAOS_STEP names a step, the process is killed there,
// on the way of the first fall that is confirmed. SIGKILL to oneself takes effect before the next instruction.
import { AdlEngine } from "../../src/adl/adl-engine.ts";
import { EventRecorder } from "../../src/history/event-recorder.ts";
import { HavenMqtt } from "../../src/mqtt/haven-mqtt.ts";
import { OutboxRepository } from "../../src/store/outbox-repository.ts";
import { Store } from "../../src/store/store.ts";
import { STEP_VARIABLE, STEPS, type Step } from "./plan.ts";

const deadly = STEPS.find((step) => step === process.env[STEP_VARIABLE]);

function reach(step: Step): void {
  if (step === deadly) process.kill(process.pid, "SIGKILL");
}

if (deadly !== undefined) {
  let recording = false;
  let fallId: string | null = null;

  const { observe } = AdlEngine.prototype;
  AdlEngine.prototype.observe = function (...given) {
    const result = observe.apply(this, given);
    if (result.facts.some((fact) => fact.kind === "fall_confirmed")) reach("decided");
    return result;
  };

  const { record } = EventRecorder.prototype;
  EventRecorder.prototype.record = function (draft) {
    const outer = recording;
    recording ||= draft.kind === "fall_confirmed";
    const event = record.call(this, draft);
    recording = outer;
    if (draft.kind === "fall_confirmed") reach("told");
    return event;
  };

  const { insert } = OutboxRepository.prototype;
  OutboxRepository.prototype.insert = function (row) {
    insert.call(this, row);
    if (recording) reach("writing");
  };

  const { transaction } = Store.prototype;
  Store.prototype.transaction = function <T>(this: Store, ...given: [() => T, "process" | "power"]): T {
    const result = transaction.apply(this, given) as T;
    if (recording) reach("committed");
    return result;
  };

  const { sendEvent } = HavenMqtt.prototype;
  HavenMqtt.prototype.sendEvent = async function (event, delivery) {
    const about = event.kind === "fall_confirmed" ? "fall" : event.kind === "alarm_raised" ? "alarm" : null;
    if (about === null) return sendEvent.call(this, event, delivery);
    if (about === "fall") fallId = event.eventId;
    reach(`${about} noted as sent`);
    const sending = sendEvent.call(this, event, delivery);
    // What was written to the socket in this turn is the kernel's by the next.
    setImmediate(() => reach(`${about} sent`));
    await sending;
    reach(`${about} confirmed by the broker`);
  };

  const { setDelivered } = OutboxRepository.prototype;
  OutboxRepository.prototype.setDelivered = function (eventId, at) {
    setDelivered.call(this, eventId, at);
    if (eventId === fallId) reach("fall noted as delivered");
  };
}
