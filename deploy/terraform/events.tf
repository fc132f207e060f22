# How ECS's events come to a hook that takes them (consumer-switch), and where those stay that it could not be given. By
# cluster and service, never by the ARN of a service, which would wait for the rule.

resource "aws_cloudwatch_event_rule" "events" {
  for_each = local.event_hooks

  name        = "${var.name_prefix}-${each.key}-events"
  description = "What ECS tells of deployments, to the hook ${each.key}"

  event_pattern = jsonencode({
    source      = ["aws.ecs"]
    detail-type = ["ECS Deployment State Change", "ECS Hook State Change"]
    resources = [
      { wildcard = "arn:${local.partition}:ecs:${local.region}:${local.account_id}:service/${var.cluster}/${var.service}" },
      { wildcard = "arn:${local.partition}:ecs:${local.region}:${local.account_id}:service-deployment/${var.cluster}/${var.service}/*" },
    ]
  })
}

resource "aws_cloudwatch_event_target" "events" {
  for_each = local.event_hooks

  rule      = aws_cloudwatch_event_rule.events[each.key].name
  target_id = each.key
  arn       = aws_lambda_function.hook[each.key].arn

  dead_letter_config {
    arn = aws_sqs_queue.lost_events[each.key].arn
  }
}

resource "aws_lambda_permission" "events" {
  for_each = local.event_hooks

  action        = "lambda:InvokeFunction"
  function_name = aws_lambda_function.hook[each.key].function_name
  principal     = "events.amazonaws.com"
  source_arn    = aws_cloudwatch_event_rule.events[each.key].arn
}

# For an end of which ECS sends no event.
resource "aws_cloudwatch_event_rule" "schedule" {
  count = local.schedules_consumer_switch ? 1 : 0

  name                = "${var.name_prefix}-consumer-switch-schedule"
  description         = "Looks whether the service is served, event or not"
  schedule_expression = var.consumer_switch_schedule_expression

  lifecycle {
    precondition {
      condition     = var.cluster != "*"
      error_message = "consumer_switch_schedule_expression needs cluster to be one name"
    }
    precondition {
      condition     = var.service != "*"
      error_message = "consumer_switch_schedule_expression needs service to be one name"
    }
  }
}

resource "aws_cloudwatch_event_target" "schedule" {
  count = local.schedules_consumer_switch ? 1 : 0

  rule      = aws_cloudwatch_event_rule.schedule[0].name
  target_id = "consumer-switch"
  arn       = aws_lambda_function.hook["consumer-switch"].arn

  input = jsonencode({
    source      = "aws.ecs"
    detail-type = "ECS Deployment State Change"
    resources   = ["arn:${local.partition}:ecs:${local.region}:${local.account_id}:service/${var.cluster}/${var.service}"]
  })

  dead_letter_config {
    arn = aws_sqs_queue.lost_events["consumer-switch"].arn
  }
}

resource "aws_lambda_permission" "schedule" {
  count = local.schedules_consumer_switch ? 1 : 0

  action        = "lambda:InvokeFunction"
  function_name = aws_lambda_function.hook["consumer-switch"].function_name
  principal     = "events.amazonaws.com"
  source_arn    = aws_cloudwatch_event_rule.schedule[0].arn
}

# Lambda invokes twice more, after one minute and after two, and EventBridge tries to hand over for a day; what is left
# goes to a queue, and an alarm tells of it.
resource "aws_sqs_queue" "lost_events" {
  for_each = local.event_hooks

  name                      = "${var.name_prefix}-${each.key}-lost-events"
  message_retention_seconds = 1209600
  sqs_managed_sse_enabled   = true
}

resource "aws_sqs_queue_policy" "lost_events" {
  for_each = local.event_hooks

  queue_url = aws_sqs_queue.lost_events[each.key].id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "events.amazonaws.com" }
      Action    = "sqs:SendMessage"
      Resource  = aws_sqs_queue.lost_events[each.key].arn
      Condition = {
        ArnEquals = {
          "aws:SourceArn" = concat(
            [aws_cloudwatch_event_rule.events[each.key].arn],
            aws_cloudwatch_event_rule.schedule[*].arn,
          )
        }
      }
    }]
  })
}

resource "aws_lambda_function_event_invoke_config" "events" {
  for_each = local.event_hooks

  function_name          = aws_lambda_function.hook[each.key].function_name
  qualifier              = "$LATEST"
  maximum_retry_attempts = 2

  destination_config {
    on_failure {
      destination = aws_sqs_queue.lost_events[each.key].arn
    }
  }
}

resource "aws_cloudwatch_metric_alarm" "lost_events" {
  for_each = local.event_hooks

  alarm_name          = "${var.name_prefix}-${each.key}-lost-events"
  alarm_description   = "The lifecycle hook ${each.key} could not deal with an event of ECS: see its log"
  namespace           = "AWS/SQS"
  metric_name         = "ApproximateNumberOfMessagesVisible"
  dimensions          = { QueueName = aws_sqs_queue.lost_events[each.key].name }
  statistic           = "Maximum"
  period              = 60
  evaluation_periods  = 1
  threshold           = 1
  comparison_operator = "GreaterThanOrEqualToThreshold"
  treat_missing_data  = "notBreaching"
  alarm_actions       = local.alarm_topics
}

# For the task roles of the workers, which the module does not make.
resource "aws_iam_policy" "consumer_gate" {
  count = local.deploys_consumer_switch ? 1 : 0

  name        = "${var.name_prefix}-consumer-gate-${local.region}"
  description = "What the consumer gate of a worker asks for"
  policy      = jsonencode({ Version = "2012-10-17", Statement = local.consumer_gate })
}
