#!/usr/bin/perl
# A carrier for tests, on Net::SMPP: another implementation than the one under test. Prints a line for each thing that
# happens (tab-separated) and takes orders on standard input:
#   spare COUNT      so many submissions are taken before what the next two orders say begins
#   status N COUNT   the next COUNT submissions are answered with command status N
#   mute COUNT       the next COUNT submissions get no answer
#   silent 0|1       enquire_link is not answered
#   drop             connections are cut
#   refuse 0|1       binds are refused
#   receipt ID STAT  a delivery receipt goes out
#   enquire          asks for a sign of life
#   write FROM TO CODING ESM HEX   a person writes: addresses are international numbers where they are longer than 8 digits
use strict;
use warnings;
use IO::Select;
use Net::SMPP;

$| = 1;
my $listener = Net::SMPP->new_listen('127.0.0.1', port => $ARGV[0] // 0, smpp_version => 0x34) or die "listen: $!";
print "port\t", $listener->sockport, "\n";
my $select = IO::Select->new($listener, \*STDIN);
my ($status, $statuses, $mute, $silent, $refuse, $next, $spare) = (0, 0, 0, 0, 0, 1, 0);
my @links;

sub cut {
    my ($link) = @_;
    $select->remove($link);
    @links = grep { $_ != $link } @links;
    close $link;
}

sub on_submit {
    my ($link, $pdu) = @_;
    if ($spare > 0) {
        $spare--;
    } elsif ($mute > 0) {
        $mute--;
        print "muted\n";
        return;
    } elsif ($statuses > 0) {
        $statuses--;
        print "failed\t$status\n";
        $link->submit_sm_resp(seq => $pdu->{seq}, status => $status, message_id => '');
        return;
    }
    my $id = sprintf('%X', 0xA000 + $next++);
    print join("\t", 'submit', $id, $pdu->{source_addr_ton}, $pdu->{source_addr}, $pdu->{dest_addr_ton},
        $pdu->{destination_addr}, $pdu->{esm_class}, $pdu->{data_coding}, $pdu->{registered_delivery},
        unpack('H*', $pdu->{short_message})), "\n";
    $link->submit_sm_resp(seq => $pdu->{seq}, message_id => $id);
}

sub on_pdu {
    my ($link, $pdu) = @_;
    my $cmd = $pdu->{cmd};
    if ($cmd == Net::SMPP::CMD_bind_transceiver) {
        print join("\t", $refuse ? 'refused' : 'bound', $pdu->{system_id}, $pdu->{password}), "\n";
        $link->bind_transceiver_resp(seq => $pdu->{seq}, status => $refuse ? 0x0E : 0, system_id => 'peer');
    } elsif ($cmd == Net::SMPP::CMD_submit_sm) {
        on_submit($link, $pdu);
    } elsif ($cmd == Net::SMPP::CMD_enquire_link) {
        print "enquired\n";
        $link->enquire_link_resp(seq => $pdu->{seq}) unless $silent;
    } elsif ($cmd == Net::SMPP::CMD_enquire_link_resp) {
        print "alive\n";
    } elsif ($cmd == Net::SMPP::CMD_deliver_sm_resp) {
        print "acknowledged\t$pdu->{status}\n";
    } elsif ($cmd == Net::SMPP::CMD_unbind) {
        print "unbound\n";
        $link->unbind_resp(seq => $pdu->{seq});
    }
}

sub on_order {
    my ($order, @args) = split ' ', $_[0];
    if ($order eq 'status') { ($status, $statuses) = @args; }
    elsif ($order eq 'spare') { $spare = $args[0]; }
    elsif ($order eq 'mute') { $mute = $args[0]; }
    elsif ($order eq 'silent') { $silent = $args[0]; }
    elsif ($order eq 'refuse') { $refuse = $args[0]; }
    elsif ($order eq 'drop') { cut($_) for @links; }
    elsif ($order eq 'enquire') { $_->enquire_link(async => 1) for @links; }
    elsif ($order eq 'receipt') {
        my ($id, $stat) = @args;
        my $text = "id:$id sub:001 dlvrd:001 submit date:2601010000 done date:2601010001 stat:$stat err:000 text:";
        $links[0]->deliver_sm(async => 1, esm_class => 4, source_addr => '12125550123', destination_addr => 'BANK',
            short_message => $text) if @links;
    }
    elsif ($order eq 'write') {
        my ($from, $to, $coding, $esm, $hex) = @args;
        my $ton = sub { $_[0] =~ /^\d{9,}$/ ? 1 : $_[0] =~ /^\d+$/ ? 3 : 5 };
        $links[0]->deliver_sm(async => 1, esm_class => $esm, data_coding => $coding, source_addr => $from,
            source_addr_ton => $ton->($from), destination_addr => $to, dest_addr_ton => $ton->($to),
            short_message => pack('H*', $hex)) if @links;
    }
    print "done\t$order\n";
}

while (1) {
    for my $handle ($select->can_read) {
        if ($handle == $listener) {
            my $link = $listener->accept or next;
            push @links, $link;
            $select->add($link);
        } elsif ($handle == \*STDIN) {
            # Orders come one line at a time; buffered reading would hide later ones from select.
            my $line = '';
            while (sysread(STDIN, my $char, 1)) {
                last if $char eq "\n";
                $line .= $char;
            }
            exit 0 if $line eq '';
            on_order($line);
        } else {
            my $pdu = $handle->read_pdu;
            if ($pdu) { on_pdu($handle, $pdu); } else { cut($handle); }
        }
    }
}
