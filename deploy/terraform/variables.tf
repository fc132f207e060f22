# Written by `npm run docs` from the parameters of deploy/template.yaml.

variable "hooks" {
  description = "The hooks to deploy, each with its HOOK_DEFAULTS as JSON, beside what the module knows itself, and its HOOK_POLICY, as JSON or as ssm:NAME"
  type        = map(object({ defaults = optional(string, "{}"), policy = optional(string, "") }))

  validation {
    condition     = length(var.hooks) > 0 && length(setsubtract(keys(var.hooks), ["admission", "approval", "canary", "consumer-switch", "load-test"])) == 0
    error_message = "Choose at least one of: admission, approval, canary, consumer-switch, load-test."
  }

  validation {
    condition     = alltrue([for hook in values(var.hooks) : can(keys(jsondecode(hook.defaults)))])
    error_message = "The defaults of a hook must be a JSON object: write jsonencode({ ... })."
  }

  validation {
    condition     = alltrue([for hook in values(var.hooks) : contains(["", "ssm:"], substr(hook.policy, 0, 4)) || can(keys(jsondecode(hook.policy)))])
    error_message = "The policy of a hook must be a JSON object, or ssm:NAME."
  }
}

variable "artifacts" {
  description = "The folder with the built <hook>.zip; empty: dist/ of this project"
  type        = string
  default     = ""
}

variable "name_prefix" {
  description = "What the names of functions, queues and alarms begin with; one module each in a Region"
  type        = string
  default     = "ecs-hooks"

  validation {
    condition     = can(regex("^(?:[a-z][a-z0-9-]{0,30})$", var.name_prefix))
    error_message = "name_prefix must match [a-z][a-z0-9-]{0,30}"
  }
}

variable "cluster" {
  description = "Name of the ECS cluster whose services use the hooks; * stands for any characters"
  type        = string

  validation {
    condition     = can(regex("^(?:\\*?([A-Za-z0-9_-]+\\*)*[A-Za-z0-9_-]*)$", var.cluster))
    error_message = "cluster must match \\*?([A-Za-z0-9_-]+\\*)*[A-Za-z0-9_-]*"
  }

  validation {
    condition     = length(var.cluster) >= 1
    error_message = "cluster must not be empty"
  }
}

variable "service" {
  description = "Name of the service, or a pattern such as shop-*: the roles may look at no other"
  type        = string
  default     = "*"

  validation {
    condition     = can(regex("^(?:\\*?([A-Za-z0-9_-]+\\*)*[A-Za-z0-9_-]*)$", var.service))
    error_message = "service must match \\*?([A-Za-z0-9_-]+\\*)*[A-Za-z0-9_-]*"
  }

  validation {
    condition     = length(var.service) >= 1
    error_message = "service must not be empty"
  }
}

variable "parameter_prefix" {
  description = "Where the hooks keep their parameters in Parameter Store"
  type        = string
  default     = "/ecs-hooks"

  validation {
    condition     = can(regex("^(?:(/[A-Za-z0-9_.-]+){1,8})$", var.parameter_prefix))
    error_message = "parameter_prefix must match (/[A-Za-z0-9_.-]+){1,8}"
  }
}

variable "policy_parameters" {
  description = "The parameters that a HOOK_POLICY of the form ssm:NAME may name, with * as a pattern; keep them outside parameter_prefix"
  type        = string
  default     = "/ecs-hooks-policy/*"

  validation {
    condition     = can(regex("^(?:(/[A-Za-z0-9_.*-]+)+)$", var.policy_parameters))
    error_message = "policy_parameters must match (/[A-Za-z0-9_.*-]+)+"
  }
}

variable "log_retention_days" {
  description = "How long the logs are kept"
  type        = number
  default     = 30

  validation {
    condition     = contains([1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653], var.log_retention_days)
    error_message = "log_retention_days must be one of 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653"
  }
}

variable "alarm_topic_arn" {
  description = "SNS topic of the alarms; empty: the alarms tell nobody"
  type        = string
  default     = ""
}

variable "restrict_invoke_role" {
  description = "Whether ECS may assume the role for this account's ECS resources only, where it says for which; if ECS is unable to assume it, set false"
  type        = bool
  default     = true
}

variable "repositories" {
  description = "admission: the ECR repositories of this account and Region that it may read, * as a pattern"
  type        = string
  default     = "*"
}

variable "enhanced_scanning" {
  description = "admission: the registry uses enhanced scanning (Amazon Inspector)"
  type        = bool
  default     = false
}

variable "approval_topic_name" {
  description = "approval: an SNS topic of this account and Region; empty: the module makes one"
  type        = string
  default     = ""
}

variable "work_queues" {
  description = "consumer-switch: the queues that it may look at and their dead-letter queues, * as a pattern, such as sightings*; empty: none"
  type        = string
  default     = ""
}

variable "consumer_switch_schedule_expression" {
  description = "consumer-switch: looks after the service on this schedule too, such as rate(15 minutes); cluster and service are then no patterns; empty: on events alone"
  type        = string
  default     = ""
}

variable "load_test_cluster" {
  description = "load-test: the cluster of the traffic generators, or of the task; empty: cluster, which is then no pattern"
  type        = string
  default     = ""

  validation {
    condition     = can(regex("^(?:[A-Za-z0-9_-]*)$", var.load_test_cluster))
    error_message = "load_test_cluster must match [A-Za-z0-9_-]*"
  }
}

variable "load_queue_name" {
  description = "load-test: the generators' queue, if the module makes none"
  type        = string
  default     = ""
}

variable "generator_service" {
  description = "load-test: the generators' service, if the module makes none; empty: no service is scaled"
  type        = string
  default     = ""

  validation {
    condition     = can(regex("^(?:[A-Za-z0-9_-]*)$", var.generator_service))
    error_message = "generator_service must match [A-Za-z0-9_-]*"
  }
}

variable "load_test_task_family" {
  description = "load-test with runner task: the family of the task definition; empty: no task may be run"
  type        = string
  default     = ""
}

variable "load_test_task_roles" {
  description = "load-test with runner task: the names of the roles in the task definition, * as a pattern"
  type        = string
  default     = ""
}

variable "traffic_generator" {
  description = "Whether the module makes the traffic generators, with their queue"
  type        = bool
  default     = false
}

variable "generator_image" {
  description = "traffic generator: its image"
  type        = string
  default     = ""
}

variable "generator_namespace" {
  description = "traffic generator: the Service Connect namespace, name or ARN"
  type        = string
  default     = ""
}

variable "generator_subnets" {
  description = "traffic generator: subnets"
  type        = list(string)
  default     = []
}

variable "generator_security_groups" {
  description = "traffic generator: security groups"
  type        = list(string)
  default     = []
}

variable "allowed_targets" {
  description = "traffic generator: origins and host patterns that it may send load to, such as http://catalog:8080"
  type        = string
  default     = ""
}
