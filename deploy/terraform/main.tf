# The hooks of ecs-lifecycle-hooks: what deploy/template.yaml makes. See docs/deploy-terraform.md.

data "aws_partition" "current" {}

data "aws_region" "current" {}

data "aws_caller_identity" "current" {}

locals {
  partition  = data.aws_partition.current.partition
  url_suffix = data.aws_partition.current.dns_suffix
  region     = data.aws_region.current.region
  account_id = data.aws_caller_identity.current.account_id

  artifacts = var.artifacts == "" ? "${path.module}/../../dist" : var.artifacts

  # Of the hooks, those that are chosen.
  hooks        = { for id, hook in local.all_hooks : id => hook if contains(keys(var.hooks), id) }
  event_hooks  = { for id, hook in local.hooks : id => hook if hook.takes_events }
  alarm_topics = var.alarm_topic_arn == "" ? [] : [var.alarm_topic_arn]

  creates_approval_topic    = contains(keys(var.hooks), "approval") && var.approval_topic_name == ""
  deploys_consumer_switch   = contains(keys(var.hooks), "consumer-switch")
  schedules_consumer_switch = local.deploys_consumer_switch && var.consumer_switch_schedule_expression != ""

  # The conditions of the statements.
  has_generator_service = var.traffic_generator || var.generator_service != ""
  has_load_queue        = var.traffic_generator || var.load_queue_name != ""
  has_load_test_task    = var.load_test_task_family != ""
  has_work_queues       = var.work_queues != ""
  scans_enhanced        = var.enhanced_scanning

  # What the module may have made itself.
  approval_topic_name = local.creates_approval_topic ? "${var.name_prefix}-approvals" : var.approval_topic_name
  generator_service   = var.traffic_generator ? "${var.name_prefix}-traffic-generator" : var.generator_service
  load_queue_name     = var.traffic_generator ? "${var.name_prefix}-load" : var.load_queue_name
  load_test_cluster   = var.load_test_cluster == "" ? var.cluster : var.load_test_cluster

  # "Confused deputy prevention" of the ECS page on task roles.
  task_trust = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "ecs-tasks.amazonaws.com" }
      Action    = "sts:AssumeRole"
      Condition = {
        StringEquals = { "aws:SourceAccount" = local.account_id }
        ArnLike      = { "aws:SourceArn" = "arn:${local.partition}:ecs:${local.region}:${local.account_id}:*" }
      }
    }]
  })
}

# The role that a service's lifecycle hooks name as role_arn. Roles are of the account, hence the Region in their names.
resource "aws_iam_role" "invoke" {
  name        = "${var.name_prefix}-invoke-${local.region}"
  description = "By which ECS invokes the lifecycle hooks"

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [merge(
      {
        Effect    = "Allow"
        Principal = { Service = "ecs.amazonaws.com" }
        Action    = "sts:AssumeRole"
      },
      { for key, condition in { Condition = local.invoke_condition } : key => condition if var.restrict_invoke_role },
    )]
  })

  lifecycle {
    precondition {
      condition     = var.load_test_task_family == "" || var.load_test_task_roles != ""
      error_message = "load_test_task_family needs load_test_task_roles"
    }
  }
}

resource "aws_iam_role_policy" "invoke" {
  name = "invoke-hooks"
  role = aws_iam_role.invoke.id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid    = "Hooks"
      Effect = "Allow"
      Action = "lambda:InvokeFunction"
      # The second is for a hook that names a version or an alias.
      Resource = flatten([for id in keys(local.hooks) : [
        aws_lambda_function.hook[id].arn,
        "${aws_lambda_function.hook[id].arn}:*",
      ]])
    }]
  })
}

resource "aws_sns_topic" "approval" {
  count = local.creates_approval_topic ? 1 : 0

  name = "${var.name_prefix}-approvals"
}
