/**
 * OpenTelemetry: spans of steps and updates, and every metric of a step as a gauge, sent by Effect's OTLP exporter.
 *
 * @module
 */
import { Config, Effect, Layer, Metric, Option } from "effect"
import { FetchHttpClient } from "effect/http"
import { Otlp } from "effect/observability"
import { metricsRow } from "../../training/Run.ts"
import type { StepReport } from "../../training/StepReport.ts"

/** Sets a gauge `decision_sampling.<name>` for every number of a step's row. */
export const record = (report: StepReport): Effect.Effect<void> =>
  Effect.forEach(
    Object.entries(metricsRow(report)),
    ([name, value]) => Metric.update(Metric.gauge(`decision_sampling.${name.replaceAll("/", ".")}`), value),
    { discard: true }
  )

/**
 * Exports to the collector at OTEL_EXPORTER_OTLP_ENDPOINT (http, JSON) and flushes when the program ends; does nothing where the
 * variable is not set.
 */
export const layer = Layer.unwrap(
  Effect.map(Config.option(Config.String("OTEL_EXPORTER_OTLP_ENDPOINT")), (endpoint) =>
    Option.match(endpoint, {
      onNone: () => Layer.empty,
      onSome: (baseUrl) =>
        Layer.effectDiscard(Effect.void).pipe(
          Layer.provideMerge(
            Otlp.layerJson({
              baseUrl,
              resource: { serviceName: "decision-sampling" },
              metricsExportInterval: "5 seconds",
              tracerExportInterval: "5 seconds"
            })
          ),
          Layer.provide(FetchHttpClient.layer)
        )
    }))
)
