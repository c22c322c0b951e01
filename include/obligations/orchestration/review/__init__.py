"""What people are asked about a draft, and what their answers come to."""
