# The traffic generators: an ECS service that is a client of Service Connect, its queue, its roles.

resource "aws_sqs_queue" "load_dead_letters" {
  count = var.traffic_generator ? 1 : 0

  name                      = "${var.name_prefix}-load-dead-letters"
  message_retention_seconds = 1209600
  sqs_managed_sse_enabled   = true
}

resource "aws_sqs_queue" "load" {
  count = var.traffic_generator ? 1 : 0

  name                    = "${var.name_prefix}-load"
  sqs_managed_sse_enabled = true
  # The generators hide each message themselves; one that is busy elsewhere comes back every minute or so.
  visibility_timeout_seconds = 60
  message_retention_seconds  = 86400

  redrive_policy = jsonencode({
    deadLetterTargetArn = aws_sqs_queue.load_dead_letters[0].arn
    maxReceiveCount     = 100
  })
}

resource "aws_cloudwatch_log_group" "generator" {
  count = var.traffic_generator ? 1 : 0

  name              = "/ecs/${var.name_prefix}-traffic-generator"
  retention_in_days = var.log_retention_days
}

resource "aws_iam_role" "generator_task" {
  count = var.traffic_generator ? 1 : 0

  name               = "${var.name_prefix}-generator-task-${local.region}"
  description        = "What a traffic generator may do"
  assume_role_policy = local.task_trust
}

resource "aws_iam_role_policy" "generator_task" {
  count = var.traffic_generator ? 1 : 0

  name   = "traffic-generator"
  role   = aws_iam_role.generator_task[0].id
  policy = jsonencode({ Version = "2012-10-17", Statement = local.traffic_generator })
}

resource "aws_iam_role" "generator_execution" {
  count = var.traffic_generator ? 1 : 0

  name               = "${var.name_prefix}-generator-start-${local.region}"
  description        = "What ECS may do to start a traffic generator"
  assume_role_policy = local.task_trust
}

resource "aws_iam_role_policy_attachment" "generator_execution" {
  count = var.traffic_generator ? 1 : 0

  role       = aws_iam_role.generator_execution[0].name
  policy_arn = "arn:${local.partition}:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy"
}

resource "aws_ecs_task_definition" "generator" {
  count = var.traffic_generator ? 1 : 0

  family                   = "${var.name_prefix}-traffic-generator"
  requires_compatibilities = ["FARGATE"]
  network_mode             = "awsvpc"
  # 1,000 to 2,000 requests a second; Fargate gives one vCPU no less than 2 GB.
  cpu                = "1024"
  memory             = "2048"
  task_role_arn      = aws_iam_role.generator_task[0].arn
  execution_role_arn = aws_iam_role.generator_execution[0].arn

  runtime_platform {
    cpu_architecture        = "ARM64"
    operating_system_family = "LINUX"
  }

  container_definitions = jsonencode([{
    name        = "traffic-generator"
    image       = var.generator_image
    essential   = true
    stopTimeout = 30
    environment = [
      { name = "QUEUE_URL", value = aws_sqs_queue.load[0].url },
      { name = "ALLOWED_TARGETS", value = var.allowed_targets },
      { name = "PARAMETER_PREFIX", value = var.parameter_prefix },
    ]
    logConfiguration = {
      logDriver = "awslogs"
      options = {
        awslogs-group         = aws_cloudwatch_log_group.generator[0].name
        awslogs-region        = local.region
        awslogs-stream-prefix = "shard"
      }
    }
  }])
}

# No task runs until a test asks for it: load-test owns the desired count.
resource "aws_ecs_service" "generator" {
  count = var.traffic_generator ? 1 : 0

  name            = "${var.name_prefix}-traffic-generator"
  cluster         = "arn:${local.partition}:ecs:${local.region}:${local.account_id}:cluster/${local.load_test_cluster}"
  task_definition = aws_ecs_task_definition.generator[0].arn
  launch_type     = "FARGATE"
  desired_count   = 0

  network_configuration {
    assign_public_ip = false
    subnets          = var.generator_subnets
    security_groups  = var.generator_security_groups
  }

  service_connect_configuration {
    enabled   = true
    namespace = var.generator_namespace
  }

  lifecycle {
    ignore_changes = [desired_count]

    precondition {
      condition     = var.generator_image != ""
      error_message = "traffic_generator needs generator_image"
    }
    precondition {
      condition     = var.generator_namespace != ""
      error_message = "traffic_generator needs generator_namespace"
    }
    precondition {
      condition     = var.allowed_targets != ""
      error_message = "traffic_generator needs allowed_targets"
    }
    precondition {
      condition     = length(regexall("\\*", local.load_test_cluster)) == 0
      error_message = "traffic_generator needs load_test_cluster, since cluster is a pattern"
    }
  }
}
