package dev.howdah.host.call;

import dev.howdah.host.audit.AuditTrail;
import dev.howdah.host.config.Mode;
import dev.howdah.host.route.Router;
import io.grpc.ServerInterceptor;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The order in which a call passes the host:
 *
 * <ol>
 *   <li>{@link RouteStep} finds its plugin, or refuses it;
 *   <li>{@link MeterStep} counts and times it;
 *   <li>{@link TraceStep} gives it a span, where traces are wanted;
 *   <li>{@link DecodeStep} refuses and records it if its message can't be decoded;
 *   <li>{@link AuditStep} records it, and holds its answer back while a rule wants that;
 *   <li>the service translates it and hands the hook to {@link HookRunner}, which
 *       <ol>
 *         <li>admits it to the plugin's own threads, or refuses it when these are taken,
 *         <li>limits its time,
 *         <li>runs the hook with the plugin's name, the method and the Cluster in every log line,
 *         <li>guards the answer, and
 *         <li>answers, by the plugin's fail policy if the hook failed.
 *       </ol>
 * </ol>
 *
 * Identity and capabilities come from the catalogue: they pass the first four steps and run no
 * plugin code.
 */
public final class CallPipeline {

  private final List<ServerInterceptor> steps;
  private final List<ServerInterceptor> decodedSteps;

  /**
   * Sets the pipeline up.
   *
   * @param router finds plugins
   * @param meters takes the figures
   * @param tracing where traces go; empty for none
   * @param trail keeps the calls; empty for none
   * @param mode the host's mode
   */
  public CallPipeline(
      Router router,
      MeterRegistry meters,
      Optional<CallTracing> tracing,
      Optional<AuditTrail> trail,
      Mode mode) {
    Optional<CallRecords> records = trail.map(kept -> new CallRecords(kept, mode.label()));
    List<ServerInterceptor> outer = new ArrayList<>();
    outer.add(new RouteStep(router, meters, trail.isPresent()));
    outer.add(new MeterStep(new CallTimers(meters)));
    tracing.map(TraceStep::new).ifPresent(outer::add);
    outer.add(new DecodeStep(records));
    this.steps = List.copyOf(outer);
    this.decodedSteps =
        records.<ServerInterceptor>map(AuditStep::new).map(List::of).orElseGet(List::of);
  }

  /** The steps that see a request as bytes, the first one outermost. */
  public List<ServerInterceptor> steps() {
    return steps;
  }

  /** The steps that see a decoded request, between {@link #steps()} and the service. */
  public List<ServerInterceptor> decodedSteps() {
    return decodedSteps;
  }
}
