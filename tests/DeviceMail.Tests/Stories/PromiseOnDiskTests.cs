using System.Text.RegularExpressions;
using DeviceMail.Tests.Kit;
using MailKit.Net.Smtp;

namespace DeviceMail.Tests.Stories;

/// <summary>"250 means on the disk", seen from outside: which calls the program makes, and what it says when they fail.</summary>
[Trait(ProgramFile.Trait, ProgramFile.Value)]
public sealed partial class PromiseOnDiskTests
{
    private const string Anna = "anna@contoso.example";
    private static readonly string _large = string.Concat(Enumerable.Repeat("0123456789012345678901234567890123456789\r\n", 8_000));

    [Fact]
    public async Task Between_the_end_of_the_data_and_the_250_lies_a_sync_of_all_that_was_promised()
    {
        await Strace.SkipUnlessPermittedAsync();
        await using var gateway = await Gateway.StartProcessAsync();
        await gateway.DoAsync("accounts", "pause", Gateway.Mailbox);
        using var folder = new Folder();
        var log = folder.In("calls");
        await using (await Strace.AttachAsync(gateway.ProcessId, "-y", "-s", "128", "-o", log, "-e", "trace=fsync,fdatasync,sendto,sendmsg,recvfrom,recvmsg,read,write"))
        {
            using var device = await MailDevice.ConnectAsync(gateway.SmtpPort);
            for (var i = 0; i < 8; i++) await MailDevice.HandInAsync(device, MailDevice.Message($"small {i}", "hello"), Anna);
            for (var i = 0; i < 4; i++) await MailDevice.HandInAsync(device, MailDevice.Message($"large {i}", _large), Anna);
        }
        var calls = await File.ReadAllLinesAsync(log, TestContext.Current.CancellationToken);
        var promises = Enumerable.Range(0, calls.Length).Where(at => calls[at].Contains("\"250 2.0.0 Kept as job", StringComparison.Ordinal)).ToList();
        Assert.Equal(12, promises.Count);
        for (var i = 0; i < promises.Count; i++)
        {
            var data = Array.FindLastIndex(calls, promises[i], line => EndOfData().IsMatch(line));
            Assert.True(data >= 0, $"mail {i}: the end of its data is not among the calls");
            var between = calls[data..promises[i]];
            var journal = DoneAt(between, "/journal/", "fdatasync");
            Assert.True(journal >= 0, $"mail {i}: no sync of the journal before its 250\n{string.Join('\n', between)}");
            if (i < 8) continue;
            var (file, name) = (DoneAt(between, ".eml", "fsync"), DoneAt(between, "/spool>", "fsync"));
            Assert.True(file >= 0 && name > file && journal > name, $"mail {i}: file {file}, folder {name}, journal {journal}\n{string.Join('\n', between)}");
        }
    }

    [Theory]
    [InlineData("EIO")]
    [InlineData("ENOSPC")]
    public async Task While_syncs_fail_there_is_no_250_and_afterwards_there_is_by_itself(string error)
    {
        await Strace.SkipUnlessPermittedAsync();
        await using var gateway = await Gateway.StartProcessAsync();
        await gateway.SignInAsync();
        await gateway.DoAsync("accounts", "pause", Gateway.Mailbox);
        List<string> promised = ["before"];
        await gateway.HandInAsync("before", Anna);
        await using (await Strace.AttachAsync(gateway.ProcessId, "-o", "/dev/null", "-e", "trace=fsync,fdatasync", "-e", $"inject=fsync,fdatasync:error={error}"))
        {
            for (var i = 0; i < 6; i++)
            {
                var reply = await RefusedAsync(gateway, $"while {i}", i % 2 == 0 ? "hello" : _large);
                Assert.True(reply is 451 or 452, $"{reply}");
            }
        }
        await Gateway.EventuallyAsync(async () => await TryHandInAsync(gateway, "after"));
        promised.Add("after");
        await gateway.DoAsync("accounts", "resume", Gateway.Mailbox);
        foreach (var subject in promised) await gateway.ArrivesAsync(Anna, mail => mail.Content.Header("Subject") == subject);
        Assert.Empty(Directory.GetFiles(Path.Combine(gateway.DataPath, "spool")));
        await gateway.RestartAsync();
        Assert.Equal(gateway.Lab.Mailboxes[Anna].Count, (await gateway.JobsAsync("sent")).Count);
    }

    /// <summary>The code of the refusal; a promise fails the test.</summary>
    private static async Task<int> RefusedAsync(Gateway gateway, string subject, string text)
    {
        using var device = await MailDevice.ConnectAsync(gateway.SmtpPort);
        var refused = await Assert.ThrowsAsync<SmtpCommandException>(() => MailDevice.HandInAsync(device, MailDevice.Message(subject, text), Anna));
        return (int)refused.StatusCode;
    }

    private static async Task<bool> TryHandInAsync(Gateway gateway, string subject)
    {
        try
        {
            await gateway.HandInAsync(subject, Anna);
            return true;
        }
        catch (SmtpCommandException)
        {
            return false;
        }
    }

    /// <summary>The line at which a sync of the file came back with 0, or -1. Another thread's call may stand between its start and its end.</summary>
    private static int DoneAt(string[] calls, string file, string sync)
    {
        for (var at = 0; at < calls.Length; at++)
        {
            if (!calls[at].Contains($" {sync}(", StringComparison.Ordinal) || !calls[at].Contains(file, StringComparison.Ordinal)) continue;
            var thread = calls[at].Split(' ')[0];
            var end = calls[at].EndsWith("<unfinished ...>", StringComparison.Ordinal) ? Array.FindIndex(calls, at + 1, line => line.StartsWith(thread + " ", StringComparison.Ordinal)) : at;
            if (end >= 0 && calls[end].EndsWith(" = 0", StringComparison.Ordinal)) return end;
        }
        return -1;
    }

    /// <summary>A receiving call that brought octets, whether it returned at once or was resumed.</summary>
    [GeneratedRegex(@"(recvfrom|recvmsg|read)(\(\d+<(socket|TCP)|.* resumed>).*= [1-9]")]
    private static partial Regex EndOfData();
}
