using DeviceMail.Tests.Kit;
using DeviceMail.Tests.Parts;

namespace DeviceMail.Tests.Stories;

/// <summary><c>devicemail demo --auto</c>: the first thing a newcomer runs.</summary>
[Trait(ProgramFile.Trait, ProgramFile.Value)]
public sealed class DemoTests
{
    [Fact]
    public async Task Two_demos_at_once_do_not_disturb_each_other_and_leave_nothing()
    {
        using var temporary = new Folder();
        var demo = new ToolCall(ProgramFile.Path, "demo", "--auto") { Environment = new Dictionary<string, string?> { ["TMPDIR"] = temporary.Path }, Limit = TimeSpan.FromSeconds(120) };
        foreach (var end in await Task.WhenAll(Tool.RunAsync(demo), Tool.RunAsync(demo)))
        {
            Assert.True(end.ExitCode == 0, $"{end}");
            Assert.Contains("octet by octet", end.Output, StringComparison.Ordinal);
            Assert.Empty(end.Errors);
        }
        Assert.Empty(Directory.GetDirectories(temporary.Path, "devicemail-*"));
    }

    [Fact]
    public async Task A_machine_without_a_network_can_play_the_demo()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "needs a network namespace");
        var probe = await Tool.RunAsync("unshare", "-n", "ip", "link", "set", "lo", "up");
        Assert.SkipUnless(probe.ExitCode == 0, $"no network namespace can be made here: {probe.Errors.Trim()}");
        var end = await Tool.RunAsync(new ToolCall("unshare", "-n", "sh", "-c", "ip link set lo up && exec \"$0\" demo --auto", ProgramFile.Path) { Limit = TimeSpan.FromSeconds(120) });
        Assert.True(end.ExitCode == 0, $"{end}");
    }
}
