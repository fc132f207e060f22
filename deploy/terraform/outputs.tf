output "invoke_role_arn" {
  description = "role_arn of every hook"
  value       = aws_iam_role.invoke.arn

  # A deployment may begin as soon as a service has the role.
  depends_on = [aws_iam_role_policy.invoke]
}

output "function_arns" {
  description = "hook_target_arn by hook"
  value       = { for id, function in aws_lambda_function.hook : id => function.arn }

  # Such as the rule by which consumer-switch hears of deployments.
  depends_on = [aws_cloudwatch_event_target.events, aws_lambda_permission.events]
}

output "approval_topic_arn" {
  description = "Where approval publishes: subscribe the approvers; null: the module makes no topic"
  value       = one(aws_sns_topic.approval[*].arn)
}

output "consumer_gate_policy_arn" {
  description = "Attach it to the task role of the workers; null: no consumer-switch"
  value       = one(aws_iam_policy.consumer_gate[*].arn)
}

output "load_queue_url" {
  description = "queueUrl of load-test; null: the module makes no traffic generators"
  value       = one(aws_sqs_queue.load[*].url)
}

output "generator_service" {
  description = "generator.service of load-test; null: the module makes none"
  value       = one(aws_ecs_service.generator[*].name)
}

output "generator_cluster" {
  description = "generator.cluster of load-test; null: the module makes no traffic generators"
  value       = var.traffic_generator ? local.load_test_cluster : null
}
