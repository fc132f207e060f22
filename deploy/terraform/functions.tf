resource "aws_cloudwatch_log_group" "hook" {
  for_each = local.hooks

  name              = "/aws/lambda/${var.name_prefix}-${each.key}"
  retention_in_days = var.log_retention_days
}

resource "aws_iam_role" "hook" {
  for_each = local.hooks

  name        = "${var.name_prefix}-${each.key}-${local.region}"
  description = "What the hook ${each.key} may do"

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "lambda.amazonaws.com" }
      Action    = "sts:AssumeRole"
    }]
  })
}

resource "aws_iam_role_policy" "hook" {
  for_each = local.hooks

  name = each.key
  role = aws_iam_role.hook[each.key].id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      for statement in each.value.statements :
      { for key, value in statement : key => value if key != "when" } if statement.when
    ]
  })
}

resource "aws_lambda_function" "hook" {
  for_each = local.hooks

  function_name    = "${var.name_prefix}-${each.key}"
  description      = each.value.description
  filename         = "${local.artifacts}/${each.key}.zip"
  source_code_hash = filebase64sha256("${local.artifacts}/${each.key}.zip")
  handler          = each.value.handler
  runtime          = each.value.runtime
  architectures    = each.value.architectures
  memory_size      = each.value.memory_size
  timeout          = each.value.timeout
  role             = aws_iam_role.hook[each.key].arn

  environment {
    variables = merge(
      {
        HOOK_DEFAULTS = jsonencode(merge(
          each.value.defaults,
          { for key, value in each.value.known : key => value if value != null },
          jsondecode(var.hooks[each.key].defaults),
        ))
      },
      { for key, value in { HOOK_POLICY = var.hooks[each.key].policy } : key => value if value != "" },
    )
  }

  # A function that cannot write its log would make a log group without retention.
  depends_on = [aws_cloudwatch_log_group.hook, aws_iam_role_policy.hook]
}

locals {
  alarms = merge([
    for id, hook in local.hooks : {
      for metric, description in hook.alarms : "${id}-${lower(metric)}" => {
        function    = "${var.name_prefix}-${id}"
        metric      = metric
        description = description
      }
    }
  ]...)
}

resource "aws_cloudwatch_metric_alarm" "hook" {
  for_each = local.alarms

  alarm_name          = "${var.name_prefix}-${each.key}"
  alarm_description   = each.value.description
  namespace           = "AWS/Lambda"
  metric_name         = each.value.metric
  dimensions          = { FunctionName = each.value.function }
  statistic           = "Sum"
  period              = 60
  evaluation_periods  = 1
  threshold           = 1
  comparison_operator = "GreaterThanOrEqualToThreshold"
  treat_missing_data  = "notBreaching"
  alarm_actions       = local.alarm_topics
}
