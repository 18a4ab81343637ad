using System.Text;
using DeviceMail.Storage;
using DeviceMail.Tests.Kit;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace DeviceMail.Tests.Storage;

public sealed class JournalTests : IDisposable
{
    private static readonly byte[] _noFacts = [];

    private readonly Folder _folder = new();
    private readonly FakeTimeProvider _time = new();
    private readonly DataFolder _data;

    public JournalTests() => _data = DataFolder.Open(_folder.Path);

    private string[] Files => Directory.GetFiles(_data.Journal);

    [Fact]
    public async Task What_was_appended_is_told_again_in_order_and_its_body_is_read()
    {
        using (var journal = Open())
            foreach (var word in (string[])["one", "two", "three"]) await AppendAsync(journal, word);

        var (again, told) = Replay();
        using (again)
        {
            Assert.Equal([1, 2, 3], told.Select(record => record.Sequence));
            Assert.Equal(["body of one", "body of two", "body of three"], told.Select(record => Encoding.UTF8.GetString(again.Read(record.Body)!)));
            Assert.Equal(["one", "two", "three"], told.Select(record => Encoding.UTF8.GetString(record.Facts.Span)));
        }
    }

    [Fact]
    public async Task Many_at_once_are_kept_in_the_order_of_their_numbers()
    {
        var order = new List<long>();
        using (var journal = Open())
        {
            await Task.WhenAll(Enumerable.Range(0, 500).Select(i => Task.Run(() => journal.AppendAsync(_noFacts, new byte[i], (sequence, place) =>
            {
                order.Add(sequence);
                Assert.Equal(i, place.Length);
                return place;
            }))));
        }
        Assert.Equal(Enumerable.Range(1, 500).Select(i => (long)i), order);
        var (again, told) = Replay();
        again.Dispose();
        Assert.Equal(500, told.Count);
    }

    [Theory]
    [InlineData(8)]
    [InlineData(-3)]
    public async Task A_record_that_is_not_whole_ends_the_file(int octetFromItsEnd)
    {
        JournalPlace last;
        using (var journal = Open())
        {
            await AppendAsync(journal, "one");
            last = await AppendAsync(journal, "two");
        }
        await using (var file = File.OpenWrite(Assert.Single(Files)))
        {
            file.Position = octetFromItsEnd < 0 ? last.Offset + last.Length + octetFromItsEnd : last.Offset - "two".Length - octetFromItsEnd;
            file.WriteByte(0xff);
        }

        var (again, told) = Replay();
        again.Dispose();
        Assert.Equal("one", Encoding.UTF8.GetString(Assert.Single(told).Facts.Span));
    }

    [Fact]
    public async Task A_damaged_record_does_not_cost_the_bodies_behind_it()
    {
        JournalPlace first, second;
        using (var journal = Open())
        {
            first = await AppendAsync(journal, "one");
            second = await AppendAsync(journal, "two");
        }
        await using (var file = File.OpenWrite(Assert.Single(Files)))
        {
            file.Position = first.Offset;
            file.WriteByte(0xff);
        }

        var (again, _) = Replay();
        using (again)
        {
            again.Keep(second.Segment, 2);
            again.Sweep();
            Assert.Equal("body of two", Encoding.UTF8.GetString(again.Read(second)!));
        }
    }

    [Fact]
    public async Task That_the_disk_failed_shows_until_it_keeps_something_again()
    {
        using var journal = Open();
        Assert.Null(journal.Failure);
        await Assert.ThrowsAsync<StorageFailedException>(() => journal.AppendAsync(_noFacts, new byte[17 << 20], (_, place) => place));
        Assert.NotNull(journal.Failure);
        await AppendAsync(journal, "small");
        Assert.Null(journal.Failure);
    }

    [Fact]
    public async Task A_file_that_cannot_be_removed_stops_nobody()
    {
        using var journal = Open();
        var place = await AppendAsync(journal, "one");
        _time.Advance(TimeSpan.FromMinutes(10));
        journal.CloseOlderThan(TimeSpan.FromMinutes(10));
        Directory.Move(_data.Journal, _data.Journal + "-away");
        journal.Release(place, 1);
        Directory.CreateDirectory(_data.Journal);
        await AppendAsync(journal, "two");
    }

    [Fact]
    public async Task A_new_run_never_appends_to_an_old_file_and_goes_on_counting()
    {
        using (var journal = Open()) await AppendAsync(journal, "one");
        var (again, _) = Replay();
        using (again) await AppendAsync(again, "two");

        var (third, told) = Replay();
        third.Dispose();
        Assert.Equal([1, 2], told.Select(record => record.Sequence));
        Assert.Equal(2, told.Select(record => record.Body.Segment).Distinct().Count());
    }

    [Fact]
    public async Task A_filled_file_stays_while_one_record_is_needed_and_then_goes()
    {
        using var journal = Open();
        var first = await AppendAsync(journal, "first");
        var places = new List<JournalPlace> { first };
        while (places[^1].Segment == first.Segment) places.Add(await journal.AppendAsync(_noFacts, new byte[4 << 20], (_, place) => place));

        for (var sequence = 2; sequence <= places.Count; sequence++) journal.Release(places[sequence - 1], sequence);
        Assert.NotNull(journal.Read(first));
        journal.Release(first, 1);
        journal.Release(first, 1);
        Assert.Null(journal.Read(first));
        Assert.DoesNotContain(Files, file => file.EndsWith($"{first.Segment:D12}.log", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_file_is_closed_by_age_so_that_what_was_sent_leaves_the_disk()
    {
        using var journal = Open();
        var place = await AppendAsync(journal, "one");
        journal.Release(place, 1);
        Assert.NotNull(journal.Read(place));
        _time.Advance(TimeSpan.FromMinutes(10));
        journal.CloseOlderThan(TimeSpan.FromMinutes(10));
        Assert.Null(journal.Read(place));
    }

    [Fact]
    public async Task Nothing_is_promised_when_no_file_can_be_made_and_the_next_one_is_when_it_can()
    {
        using var journal = Open();
        Directory.Delete(_data.Journal);
        await Assert.ThrowsAsync<StorageFailedException>(() => AppendAsync(journal, "one"));
        Directory.CreateDirectory(_data.Journal);
        await AppendAsync(journal, "two");

        var (again, told) = Replay();
        again.Dispose();
        Assert.Equal("two", Encoding.UTF8.GetString(Assert.Single(told).Facts.Span));
    }

    [Fact]
    public async Task A_fault_of_who_appended_reaches_that_one_alone()
    {
        using var journal = Open();
        await Assert.ThrowsAsync<FormatException>(() => journal.AppendAsync<int>(_noFacts, _noFacts, (_, _) => throw new FormatException()));
        await AppendAsync(journal, "next");
    }

    [Fact]
    public void What_cannot_be_read_stops_the_start_with_a_sentence()
    {
        Directory.CreateDirectory(Path.Combine(_data.Journal, "000000000001.log"));
        var refused = Assert.Throws<StartRefusedException>(() => Open());
        Assert.StartsWith($"The journal in {_data.Journal} cannot be read", refused.Message, StringComparison.Ordinal);
    }

    public void Dispose()
    {
        _data.Dispose();
        _folder.Dispose();
    }

    private static Task<JournalPlace> AppendAsync(Journal journal, string word) =>
        journal.AppendAsync(Encoding.UTF8.GetBytes(word), Encoding.UTF8.GetBytes($"body of {word}"), (_, place) => place);

    private Journal Open() => new(_data, _time, NullLogger<Journal>.Instance);

    private (Journal Journal, List<JournalRecord> Told) Replay()
    {
        var journal = Open();
        var told = new List<JournalRecord>();
        journal.Replay(0, record =>
        {
            told.Add(record);
            return true;
        });
        return (journal, told);
    }
}
