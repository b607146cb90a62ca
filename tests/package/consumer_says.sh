# shellcheck shell=bash
# consumer_says VERSION COMMAND...: runs the consumer and checks its output.
consumer_says() {
    local version=$1 said
    shift
    said=$("$@")
    echo "$said"
    [[ $said =~ ^"quivive $version on GnuTLS "3\..*", "[1-9][0-9]*" drop reasons, the first: "[a-z_]+$ ]]
}
