terraform {
  required_version = ">= 1.5"

  required_providers {
    aws = {
      source = "hashicorp/aws"
      # Knows the runtime nodejs24.x.
      version = ">= 6.20"
    }
  }
}
