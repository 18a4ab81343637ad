using DeviceMail.Activity;
using DeviceMail.Network;
using DeviceMail.Settings;
using DeviceMail.Storage;

namespace DeviceMail.Tests.Kit;

/// <summary>The way out and the trust of a folder, as the host would make them.</summary>
public static class TestOutside
{
    public static Outside Of(DataFolder folder, Database database, TimeProvider time)
    {
        var activity = new ActivityLog(database, time);
        return new Outside(new WayOut(new SettingsStore(database)), new TrustedRoots(new CaCertificates(folder, activity, time), new RootCertificates(folder, activity)));
    }
}
