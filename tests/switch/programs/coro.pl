# SPDX-License-Identifier: GPL-2.0-or-later
# Coroutines of Perl with C stacks of their own.
use strict;
use warnings;
use Coro;
use Coro::Channel;

sub deep {
    my ($n) = @_;
    my @frame = ($n) x 8;
    cede if $n % 5 == 0;
    my $below = $n > 0 ? deep($n - 1) : 0;
    die "changed" unless "@frame" eq join " ", ($n) x 8;
    return $below + 1;
}

my @workers = map {
    my $i = $_;
    async { my $sum = 0; $sum += deep($_) for 1 .. $i; $sum }
} 1 .. 25;
print join(" ", map { $_->join } @workers), "\n";

my $channel = Coro::Channel->new(3);
my $producer = async {
    # A C stack is needed to switch within sort's comparison.
    $channel->put($_) for sort { cede; $a <=> $b } map { $_ * 7 % 50 } 1 .. 49;
    $channel->shutdown;
};
my @got;
while (defined(my $item = $channel->get)) { push @got, $item }
print "@got\n";

my @abandoned = map { my $n = $_; async { deep($n); schedule; } } 1 .. 20;
cede for 1 .. 5;
$_->cancel for @abandoned;
print async { eval { deep(12); die "out of a coroutine\n" }; $@ }->join;
