package dev.howdah.host.service;

import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;

/** The services. All of them in every mode: what a mode doesn't offer is refused, not unknown. */
@Configuration(proxyBeanMethods = false)
@Import({
  IdentityService.class,
  OperatorService.class,
  LifecycleService.class,
  ReconcilerService.class,
  WalService.class,
  BackupService.class,
  RestoreJobService.class,
  PostgresService.class,
  MetricsService.class
})
public class ServiceConfiguration {}
